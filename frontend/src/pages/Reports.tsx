import { useMutation, useQuery } from '@tanstack/react-query';
import { adviceOn, labelOf } from '../api/advice';
import { ApiError, dataOf, useApi } from '../api/client';
import type { components } from '../api/schema';
import { useSession } from '../session/context';
import { Alert } from '../ui/Alert';
import { Loading } from '../ui/Loading';
import { Page } from '../ui/Page';

type Report = components['schemas']['Report'];

/** Typed data from the API with its loading, empty, error and forbidden states. */
export function Reports() {
  const api = useApi();
  const reports = useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => dataOf(api.GET('/reports', { signal })),
  });

  return (
    <Page title="Reports">
      <p className="lead">
        Requires scope <code>reports:read</code>; approving requires <code>reports:approve</code>{' '}
        and asks Okta whether your token was revoked.
      </p>
      {reports.isFetching && !reports.data && <Loading text="Loading the reports…" />}
      {reports.isError && !reports.isFetching && (
        <Failure error={reports.error} onRetry={() => void reports.refetch()} />
      )}
      {reports.data && <Table reports={reports.data.reports} />}
    </Page>
  );
}

function Table({ reports }: { reports: Report[] }) {
  const api = useApi();
  const approval = useMutation({
    mutationFn: (id: number) =>
      dataOf(api.POST('/reports/{id}/approve', { params: { path: { id } } })),
  });

  if (reports.length === 0) return <p>There are no reports.</p>;
  return (
    <>
      <p role="status">
        {approval.data && `Report ${approval.data.approved} is approved by ${approval.data.by}.`}
      </p>
      {approval.isError && (
        <Failure
          error={approval.error}
          onRetry={() => {
            approval.mutate(approval.variables);
          }}
        />
      )}
      <table className="card reports">
        <caption>Reports</caption>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Amount</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span className="visually-hidden">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {reports.map(({ id, title, amount, currency, created }) => (
            <tr key={id}>
              <th scope="row">{title}</th>
              <td className="amount">
                {amount.toLocaleString([], { style: 'currency', currency })}
              </td>
              <td>
                <time dateTime={created}>{new Date(created).toLocaleDateString()}</time>
              </td>
              <td>
                <button
                  type="button"
                  aria-label={`Approve ${title}`}
                  disabled={approval.isPending}
                  onClick={() => {
                    approval.mutate(id);
                  }}
                >
                  Approve
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const session = useSession();
  if (!(error instanceof ApiError)) throw error;
  const { title, text, action } = adviceOn(error.outcome, session.config);
  return (
    <Alert title={title} text={text}>
      {action && (
        <button
          type="button"
          className="primary"
          onClick={() => {
            if (action.kind === 'retry') onRetry();
            else void session.signIn({ returnTo: '/reports', ...action.request });
          }}
        >
          {labelOf(action)}
        </button>
      )}
    </Alert>
  );
}
