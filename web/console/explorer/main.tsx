import {QueryClient, QueryClientProvider} from '@tanstack/react-query';
import {StrictMode} from 'react';
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
createRoot(root).render(
  <StrictMode>
    {secure
      ? <QueryClientProvider client={queries}><SessionProvider fallback={() => <p className="explorer-note">{text.storageBlocked.body}</p>}><Explorer/></SessionProvider></QueryClientProvider>
      : <p className="explorer-note">{operatorText.explorer.insecure}</p>}
  </StrictMode>,
);
