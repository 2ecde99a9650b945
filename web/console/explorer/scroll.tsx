// In the place of react-remove-scroll, which writes a style sheet into the page: the CSP forbids that, and the page behind a dialog may as well scroll.

import type {ElementType, ReactElement, ReactNode} from 'react';

export function RemoveScroll({as: As = 'div', children, allowPinchZoom: _, shards: __, ...rest}: {
  as?: ElementType; children: ReactNode; allowPinchZoom?: boolean; shards?: unknown;
}): ReactElement {
  return <As {...rest}>{children}</As>;
}
