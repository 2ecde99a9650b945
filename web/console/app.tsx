// The frame around every page, and which page it is.

import {Suspense, useRef, useState, type ReactElement, type ReactNode} from 'react';
import {useService, useStatus} from './api.ts';
import {short} from './format.ts';
import {Icon, Mark, type IconName} from './icons.tsx';
import {LostPage, later} from './later.tsx';
import {Capabilities} from './pages/capabilities.tsx';
import {Delegate} from './pages/delegate.tsx';
import {Home} from './pages/home.tsx';
import {Identities, SaveRecovery} from './pages/identity.tsx';
import {KeyPage} from './pages/key.tsx';
import {KeystoreKeys} from './pages/keystore.tsx';
import {Open} from './pages/open.tsx';
import {Welcome} from './pages/welcome.tsx';
import {Link, go, match, pathOf, usePath, type Params, type RouteName} from './router.tsx';
import {useSession, type Recovery} from './session.tsx';
import {text} from './text.ts';
import {operatorText} from './operatortext.ts';
import {Button, Empty, Heading, Loading, Note, Toasts} from './ui.tsx';

// What only operators see is loaded when it is wanted.
const ServicePages = later(() => import('./pages/service.tsx'), LostPage);
// And what is made, moved and used, which is large.
const WorkPages = later(() => import('./pages/work.tsx'), LostPage);

export function App(): ReactElement {
  const path = usePath();
  const {current} = useSession();
  const [recovery, setRecovery] = useState<Recovery>();
  const found = match(path);
  let content: ReactElement;
  if (recovery) content = <SaveRecovery recovery={recovery} onDone={() => setRecovery(undefined)}/>;
  else if (!current) content = <Welcome onMade={setRecovery}/>;
  else if (!found) content = <NotFound/>;
  // A page begins anew with another identity or another address.
  else content = <Page key={current.did + path} name={found.name} params={found.params} onMade={setRecovery}/>;
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}>{text.skip}</a>
      <div className={current ? 'frame' : 'frame alone'}>
        <Bar route={found?.name}/>
        {/* Before the page: Shift+Tab from its heading is near. */}
        <Toasts/>
        <main id="main" className="main" tabIndex={-1}>
          {content}
          <Foot/>
        </main>
      </div>
      <div id="announcer" className="visually-hidden" role="status"/>
    </>
  );
}

function Page({name, params, onMade}: {name: RouteName; params: Params; onMade: (recovery: Recovery) => void}): ReactElement {
  const keystore = `${location.origin}/keystores/${params.keystore}`;
  const key = `${keystore}/keys/${params.key}`;
  switch (name) {
    case 'home': return <Home/>;
    case 'identity': return <Identities onMade={onMade}/>;
    case 'open': return <Open/>;
    case 'keystore': return <KeystoreKeys url={keystore}/>;
    case 'capabilities': return <Capabilities keystore={keystore}/>;
    case 'delegate': return <Delegate keystore={keystore}/>;
    case 'delegateKey': return <Delegate keystore={keystore} url={key}/>;
    case 'key': return <KeyPage keystore={keystore} url={key}/>;
    case 'create':
    case 'keystoreSettings':
    case 'newKey':
    case 'importKey':
    case 'restoreKey':
    case 'random':
    case 'use': return <Suspense fallback={<Loading/>}><WorkPages page={name} keystore={keystore} url={key}/></Suspense>;
    default: return <Suspense fallback={<Loading/>}><ServicePages page={name} keystore={keystore}/></Suspense>;
  }
}

const mine: readonly {to: string; label: string; icon: IconName; routes: readonly RouteName[]}[] = [
  {to: pathOf('home'), label: text.nav.keystores, icon: 'vault', routes: ['home', 'keystore', 'newKey', 'importKey', 'restoreKey', 'random', 'capabilities', 'delegate', 'keystoreSettings', 'key', 'delegateKey', 'use']},
  {to: pathOf('create'), label: text.nav.create, icon: 'plus', routes: ['create']},
  {to: pathOf('open'), label: text.nav.open, icon: 'folder-open', routes: ['open']},
  {to: pathOf('identity'), label: text.nav.identity, icon: 'users', routes: ['identity']},
];

/** Where there is room the navigation stands open; where there is not, it is behind a button, and closed again by what is chosen. */
function Bar({route}: {route: RouteName | undefined}): ReactElement {
  const {current} = useSession();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // A new page takes the focus from the button; the same one again does not.
  const close = () => {
    if (!open) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    <header className="bar" onKeyDown={({key}) => {
      if (key === 'Escape') close();
    }}>
      <Link to={pathOf('home')} className="brand"><Mark/>{text.name}</Link>
      {current && <Button ref={button} className="nav-button" icon={open ? 'x' : 'menu'} aria-expanded={open} aria-controls="nav" onClick={() => setOpen(!open)}>{text.nav.menu}</Button>}
      {current && (
        <nav id="nav" className={open ? 'nav open' : 'nav'} aria-label={text.nav.label} onClick={({target}) => {
          if ((target as Element).closest('a')) close();
        }}>
          <Section title={text.nav.mine}>
            {mine.map(({to, label, icon, routes}) => (
              <li key={to}><Link to={to} aria-current={route && routes.includes(route) ? 'page' : undefined}><Icon name={icon}/>{label}</Link></li>
            ))}
          </Section>
          <ServiceSection route={route}/>
        </nav>
      )}
      {current && <Who/>}
    </header>
  );
}

const ofService: readonly {route: RouteName; icon: IconName; more?: RouteName}[] = [
  {route: 'overview', icon: 'server'},
  {route: 'serviceKeystores', icon: 'database', more: 'serviceKeystore'},
  {route: 'operators', icon: 'shield-check'},
  {route: 'configuration', icon: 'settings'},
];

/** The operator's pages, for operators; the explorer, for everybody. */
function ServiceSection({route}: {route: RouteName | undefined}): ReactElement {
  const {data} = useStatus();
  const t = operatorText.nav;
  return (
    <Section title={t.title}>
      {data && ofService.map(({route: to, icon, more}) => (
        <li key={to}><Link to={pathOf(to)} aria-current={route && (route === to || route === more) ? 'page' : undefined}><Icon name={icon}/>{t[to as keyof typeof t]}</Link></li>
      ))}
      <li><a href="/explorer"><Icon name="compass"/>{t.explorer}</a></li>
    </Section>
  );
}

function Section({title, children}: {title: string; children: ReactNode}): ReactElement {
  return <div><h2>{title}</h2><ul>{children}</ul></div>;
}

/** Who acts, and the way to another identity. */
function Who(): ReactElement {
  const {current, identities, select} = useSession();
  const close = () => document.getElementById('who-menu')?.hidePopover();
  return (
    <div className="who">
      <button type="button" className="button ellipsis" popoverTarget="who-menu" aria-label={`${text.nav.switch}: ${current?.label ?? ''}`}>
        <Icon name="user-round"/><span>{current?.label || text.nav.unnamed}</span>
      </button>
      <div id="who-menu" className="who-menu" popover="auto" role="group" aria-label={text.nav.switch}>
        <ul>
          {identities.map(({did, label}) => (
            <li key={did}>
              <button type="button" aria-current={did === current?.did ? 'true' : undefined} onClick={() => {
                close();
                if (did !== current?.did) void select(did).then(() => go(pathOf('home')));
              }}>
                <Icon name={did === current?.did ? 'check' : 'user-round'}/><span>{label || text.nav.unnamed}</span><small>{short(did)}</small>
              </button>
            </li>
          ))}
        </ul>
        <hr/>
        <Link to={pathOf('identity')} onClick={close}><Icon name="settings"/><span>{text.nav.manage}</span></Link>
      </div>
    </div>
  );
}

function Foot(): ReactElement {
  const {data} = useService();
  return (
    <footer className="foot">
      <span>{text.footer(data?.service.version ?? '')}</span>
      <a href="/schema.graphql">{text.schema}</a>
    </footer>
  );
}

function NotFound(): ReactElement {
  return (
    <>
      <Heading title={text.notFound.title}>{text.notFound.title}</Heading>
      <Empty icon="compass" title={location.pathname} actions={<Button tone="primary" onClick={() => go(pathOf('home'))}>{text.notFound.home}</Button>}>{text.notFound.body}</Empty>
    </>
  );
}

function Bare({title, children}: {title: string; children: ReactNode}): ReactElement {
  return (
    <main className="main" id="main">
      <div className="welcome">
        <div className="welcome-head"><Mark/><Heading title={title}>{title}</Heading></div>
        <Note tone="warning">{children}</Note>
      </div>
    </main>
  );
}

export function Insecure(): ReactElement {
  return <Bare title={text.insecure.title}><p>{text.insecure.body}</p></Bare>;
}

export function StorageBlocked(): ReactElement {
  return <Bare title={text.storageBlocked.title}><p>{text.storageBlocked.body}</p></Bare>;
}
