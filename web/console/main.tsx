import {QueryClient, QueryClientProvider} from '@tanstack/react-query';
import {StrictMode} from 'react';
import {createRoot} from 'react-dom/client';
import {App, Insecure, StorageBlocked} from './app.tsx';
import {keepFocus} from './focus.ts';
import {SessionProvider, takeEnrolment} from './session.tsx';
import './style.css';

takeEnrolment();
window.addEventListener('hashchange', takeEnrolment);
keepFocus();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const queries = new QueryClient({defaultOptions: {queries: {refetchOnWindowFocus: false}}});
createRoot(root).render(
  <StrictMode>
    {window.isSecureContext && 'subtle' in crypto
      ? (
        <QueryClientProvider client={queries}>
          <SessionProvider fallback={() => <StorageBlocked/>}><App/></SessionProvider>
        </QueryClientProvider>
      )
      : <Insecure/>}
  </StrictMode>,
);
