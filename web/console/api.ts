// The network as React uses it: what was read is kept by identity, and read anew after whatever changes something.

import {keepPreviousData, useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult} from '@tanstack/react-query';
import {capabilityFor, mayPass, send, service} from './network.ts';
import type {Operation} from './operations.ts';
import * as operations from './operations.ts';
import {useSession} from './session.tsx';

const names = new Map<unknown, string>(Object.entries(operations).map(([name, operation]) => [operation, name]));

type ReadOptions = {enabled?: boolean; staleTime?: number; keep?: boolean};

export function useRead<Data, Variables>(
  operation: Operation<Data, Variables>, url: string, variables: Variables, {enabled = true, staleTime = 10_000, keep = false}: ReadOptions = {},
): UseQueryResult<Data> {
  const {caller} = useSession();
  return useQuery<Data>({
    // With what it can invoke: another capability, another answer.
    queryKey: ['api', caller?.identity.did ?? '', caller?.places.flatMap(({capability, others = []}) => [capability, ...others].flatMap((one) => one?.id ?? [])).join() ?? '', names.get(operation), url, variables],
    queryFn: ({signal}) => send(operation, url, variables, caller, signal),
    enabled: enabled && (operation.action === null || caller !== undefined),
    staleTime,
    retry: (count, error) => count < 2 && mayPass(error),
    ...(keep && {placeholderData: keepPreviousData}),
  });
}

/** Something that is done once. What the API answered before is read anew afterwards, unless it only uses a key. */
export function useAct<Data, Variables>(operation: Operation<Data, Variables>, {refresh = true} = {}): UseMutationResult<Data, Error, {url: string; variables: Variables}> {
  const {caller} = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({url, variables}: {url: string; variables: Variables}) => send(operation, url, variables, caller),
    onSuccess: () => {
      if (refresh) void queries.invalidateQueries({queryKey: ['api']});
      if ((operation as unknown) === operations.EnrolOperator) void queries.invalidateQueries({queryKey: ['status']});
    },
    // What was given and what came back may be secret: it is gone with the page that asked.
    gcTime: 0,
  });
}

export function useService(): UseQueryResult<{service: {name: string; version: string; did: string; keyTypes: operations.KeyType[]; authServer: boolean}}> {
  return useRead(operations.Service, service, {}, {staleTime: Infinity});
}

/** How many shares a request takes: one where an Auth server adds the other. */
export function useSharesNeeded(): number {
  return useService().data?.service.authServer === false ? 2 : 1;
}

/**
 * What operators may read; refused to everybody else, which is how the console tells. A refusal counts against the address: it is asked for once, and not anew after
 * whatever changes something.
 */
export function useStatus() {
  const {caller} = useSession();
  return useQuery({
    queryKey: ['status', caller?.identity.did ?? '', caller && capabilityFor(caller, service, 'read')?.id],
    queryFn: ({signal}) => send(operations.Status, service, {}, caller, signal),
    enabled: caller !== undefined,
    staleTime: 5 * 60_000,
    retry: (count, error) => count < 2 && mayPass(error),
    retryOnMount: false,
  });
}
