import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { dataOf, useApi } from '../api/client';
import type { components } from '../api/schema';
import type { NewReportForm } from './form';

export type Report = components['schemas']['Report'];
type NewReport = components['schemas']['NewReport'];

const KEY = ['reports'];

/** The reports that the person may see, newest first, a page at a time. */
export function useReports() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: KEY,
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === null ? {} : { cursor: pageParam };
      return dataOf(api.GET('/reports', { params: { query }, signal }));
    },
    getNextPageParam: ({ next }) => next,
  });
}

/** Create a report. With the same key, a request that is sent twice creates one. */
export function useCreateReport() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ body, key }: { body: NewReportForm; key: string }) =>
      // Whether the currency exists is for the API to say.
      dataOf(
        api.POST('/reports', {
          body: body as NewReport,
          params: { header: { 'Idempotency-Key': key } },
        }),
      ),
    onSuccess: useInvalidate(),
  });
}

export function useDeleteReport() {
  const api = useApi();
  return useMutation({
    mutationFn: async ({ id }: Report) => {
      await api.DELETE('/reports/{id}', { params: { path: { id } } });
    },
    onSuccess: useInvalidate(),
  });
}

/** Approve a report; `repeated` says that a sign-in which a refusal led to is behind it. */
export function useApproveReport() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ id }: { id: number; repeated?: boolean }) =>
      dataOf(api.POST('/reports/{id}/approve', { params: { path: { id } } })),
    onSuccess: useInvalidate(),
  });
}

function useInvalidate() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: KEY });
}
