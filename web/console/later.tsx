// Parts that are loaded when they are wanted, and what stands in their place when they do not come: the server is away, or was replaced since the page was loaded.

import {lazy, type ComponentType, type LazyExoticComponent, type ReactElement} from 'react';
import {text} from './text.ts';
import {Button, Dialog, Heading, Note} from './ui.tsx';

/** React.lazy, with lost where the part cannot be loaded. It is not tried again until the whole page is. */
export function later<P extends object>(load: () => Promise<{default: ComponentType<P>}>, lost: ComponentType<P>): LazyExoticComponent<ComponentType<P>> {
  return lazy(() => load().catch(() => ({default: lost})));
}

export function Lost(): ReactElement {
  const t = text.lost;
  return <div role="alert"><Note tone="warning" title={t.title} actions={<Button icon="rotate-cw" onClick={() => location.reload()}>{t.reload}</Button>}><p>{t.body}</p></Note></div>;
}

export function LostPage(): ReactElement {
  return <><Heading title={text.lost.page}>{text.lost.page}</Heading><Lost/></>;
}

export function LostDialog({onClose}: {onClose: () => void}): ReactElement {
  return <Dialog title={text.lost.page} onClose={onClose}><Lost/></Dialog>;
}
