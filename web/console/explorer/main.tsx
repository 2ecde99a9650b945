import {QueryClient, QueryClientProvider} from '@tanstack/react-query';
import {StrictMode, type ReactElement} from 'react';
import {createRoot} from 'react-dom/client';
import {SessionProvider} from '../session.tsx';
import {text} from '../text.ts';
import {operatorText} from '../operatortext.ts';
import {Explorer} from './explorer.tsx';
import '../style.css';
import 'graphiql/style.css';
import './explorer.css';

const root = document.getElementById('root');
if (!root) throw new Error('explorer.html has no #root');
const secure = window.isSecureContext && 'subtle' in crypto;
const queries = new QueryClient({defaultOptions: {queries: {refetchOnWindowFocus: false}}});
/** Why there is no explorer here. */
function Bare({title, body}: {title: string; body: string}): ReactElement {
  return <main className="explorer-note"><h1>{title}</h1><p>{body}</p></main>;
}

createRoot(root).render(
  <StrictMode>
    {secure
      ? <QueryClientProvider client={queries}><SessionProvider fallback={() => <Bare {...text.storageBlocked}/>}><Explorer/></SessionProvider></QueryClientProvider>
      : <Bare title={operatorText.explorer.title} body={operatorText.explorer.insecure}/>}
  </StrictMode>,
);
