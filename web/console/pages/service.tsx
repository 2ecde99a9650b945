// The pages of the service, for its operators. Loaded when one of them is opened.

import {useQuery, type UseQueryResult} from '@tanstack/react-query';
import type {ReactElement, ReactNode} from 'react';
import {TwolockError} from '../../client/error.js';
import {send, service} from '../network.ts';
import type {Operation} from '../operations.ts';
import {operatorText} from '../operatortext.ts';
import {go, pathOf, type RouteName} from '../router.tsx';
import {useSession} from '../session.tsx';
import {Button, Empty, Heading, Loading, Problem} from '../ui.tsx';
import {Configuration} from './configuration.tsx';
import {KeystoreDetails, ServiceKeystores} from './servicekeystores.tsx';
import {Operators} from './operators.tsx';
import {Overview} from './overview.tsx';
import '../operator.css';

export default function ServicePages({page, keystore}: {page: RouteName; keystore: string}): ReactElement {
  switch (page) {
    case 'serviceKeystores': return <ServiceKeystores/>;
    case 'serviceKeystore': return <KeystoreDetails url={keystore}/>;
    case 'operators': return <Operators/>;
    case 'configuration': return <Configuration/>;
    default: return <Overview/>;
  }
}

/** Reads at the service, again every so often where that is wanted: every is in milliseconds, 0 is never. */
export function useServiceRead<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, every: (data: Data | undefined) => number = () => 0): UseQueryResult<Data> {
  const {caller} = useSession();
  return useQuery<Data>({
    queryKey: ['api', caller?.identity.did ?? '', 'service', operation.text, variables],
    queryFn: ({signal}) => send(operation, service, variables, caller, signal),
    staleTime: 5000,
    retry: (count, error) => count < 2 && (!(error instanceof TwolockError) || error.retryable),
    refetchInterval: ({state}) => (state.error ? false : every(state.data) || false),
    placeholderData: (before) => before,
  });
}

/** A page of the service: its heading, and what to say while there is nothing, or to whom it is not for. */
export function ServiceFrame<Data>({title, read, above, actions, children}: {
  title: string; read: UseQueryResult<Data>; above?: ReactNode; actions?: ReactNode; children: (data: Data) => ReactNode;
}): ReactElement {
  const {data, error, isPending} = read;
  const refused = error instanceof TwolockError && error.code === 'FORBIDDEN';
  return (
    <>
      <Heading title={title} above={above} actions={!refused && actions}>{title}</Heading>
      {refused ? <Refused/> : (
        <div className="stack">
          <Problem error={error}/>
          {isPending && <Loading/>}
          {data !== undefined && children(data)}
        </div>
      )}
    </>
  );
}

function Refused(): ReactElement {
  const t = operatorText.refused;
  return <Empty icon="shield-check" title={t.title} actions={<Button onClick={() => go(pathOf('open'))}>{t.open}</Button>}>{t.body}</Empty>;
}
