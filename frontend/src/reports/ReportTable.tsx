import { useState } from 'react';
import { Problem } from '../api/Problem';
import { useTokens } from '../session/context';
import { Requires } from '../session/Requires';
import { Button } from '../ui/Button';
import { Chip } from '../ui/Chip';
import { ConfirmDialog } from '../ui/ConfirmDialog';
import { useToast } from '../ui/Toasts';
import { useDeleteReport, type Report } from './queries';

interface Props {
  reports: Report[];
  approving: boolean;
  onApprove: (report: Report) => void;
}

/** The reports as a table, on a phone as cards, each with what its reader may do. */
export function ReportTable({ reports, approving, onApprove }: Props) {
  const [doomed, setDoomed] = useState<Report | null>(null);
  const deletion = useDelete();

  if (reports.length === 0)
    return <p className="card p-8 text-center text-soft">There are no reports yet.</p>;
  return (
    <>
      {deletion.isError && (
        <div className="mb-4">
          <Problem
            error={deletion.error}
            call={{ method: 'GET', path: '/reports' }}
            onRetry={() => {
              deletion.mutate(deletion.variables);
            }}
          />
        </div>
      )}
      <table className="card block w-full border-separate border-spacing-0 sm:table">
        <caption className="sr-only">Reports</caption>
        <thead className="max-sm:sr-only">
          <tr className="text-left text-sm text-soft [&>th]:px-4 [&>th]:py-2.5 [&>th]:font-semibold">
            <th scope="col">Title</th>
            <th scope="col" className="text-right">
              Amount
            </th>
            <th scope="col">Created</th>
            <th scope="col">Status</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {reports.map((report) => (
            <Row
              key={report.id}
              report={report}
              approving={approving}
              onApprove={onApprove}
              onDelete={setDoomed}
            />
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        open={doomed !== null}
        title="Delete this report?"
        text={`“${doomed?.title ?? ''}” is deleted for good.`}
        confirm="Delete"
        danger
        onConfirm={() => {
          if (doomed) deletion.mutate(doomed);
          setDoomed(null);
        }}
        onCancel={() => {
          setDoomed(null);
        }}
      />
    </>
  );
}

function useDelete() {
  const say = useToast();
  const deletion = useDeleteReport();
  const mutate = (report: Report) => {
    deletion.mutate(report, {
      onSuccess: () => {
        say(`“${report.title}” is deleted.`);
      },
    });
  };
  return { ...deletion, mutate };
}

interface RowProps extends Omit<Props, 'reports'> {
  report: Report;
  onDelete: (report: Report) => void;
}

function Row({ report, approving, onApprove, onDelete }: RowProps) {
  const { title, amount, currency, created, status, owner } = report;
  const isMine = owner === useTokens().idToken.claims.sub;
  const isOpen = status === 'submitted';
  return (
    <tr className="border-line max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-3 max-sm:gap-y-1 max-sm:border-t max-sm:p-4 max-sm:first:border-t-0 [&>*]:border-line sm:h-14 sm:[&>*]:border-t sm:[&>*]:px-4 sm:[&>*]:py-2.5">
      <th scope="row" className="text-left font-semibold [overflow-wrap:anywhere] max-sm:w-full">
        {title}
      </th>
      <td className="text-right tabular-nums">
        {Number(amount).toLocaleString([], { style: 'currency', currency })}
      </td>
      <td className="text-soft">
        <time dateTime={created}>
          {new Date(created).toLocaleDateString([], { dateStyle: 'medium' })}
        </time>
      </td>
      <td>
        <Chip tone={isOpen ? 'warn' : 'good'}>{status}</Chip>
      </td>
      <td className="max-sm:ml-auto">
        <span className="flex justify-end gap-2">
          {isOpen && isMine && (
            <Requires scope="reports:write">
              <Button
                kind="quiet"
                size="small"
                aria-label={`Delete ${title}`}
                onClick={() => {
                  onDelete(report);
                }}
              >
                Delete
              </Button>
            </Requires>
          )}
          {isOpen && !isMine && (
            <Requires group="Admins">
              <Button
                size="small"
                aria-label={`Approve ${title}`}
                disabled={approving}
                onClick={() => {
                  onApprove(report);
                }}
              >
                Approve
              </Button>
            </Requires>
          )}
        </span>
      </td>
    </tr>
  );
}
