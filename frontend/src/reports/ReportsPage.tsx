import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Problem } from '../api/Problem';
import { Requires } from '../session/Requires';
import { useSession } from '../session/context';
import type { Repeat } from '../session/session';
import type { PendingCall } from '../session/storage';
import { Button } from '../ui/Button';
import { Loading } from '../ui/Loading';
import { Page } from '../ui/Page';
import { useToast } from '../ui/Toasts';
import { useApproveReport, useReports } from './queries';
import { ReportTable } from './ReportTable';

// The form and its rules are loaded with the first new report.
const NewReportDialog = lazy(async () => ({
  default: (await import('./NewReportDialog')).NewReportDialog,
}));

const LIST: PendingCall = { method: 'GET', path: '/reports' };
const approvalOf = (id: number): PendingCall => ({
  method: 'POST',
  path: `/reports/${id}/approve`,
});

/** The reports: list, create, approve and delete. */
export function ReportsPage() {
  const reports = useReports();
  const [listRepeated, approval] = useApproval();
  const approved = approval.variables;

  return (
    <div className="mx-auto max-w-6xl">
      <Page title="Reports">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <p className="max-w-prose text-soft">
            You see your own. Members of Admins see all, and approve those of others.
          </p>
          <Create />
        </div>
        {approval.isError && approved && (
          <div className="mb-4">
            <Problem
              error={approval.error}
              call={approvalOf(approved.id)}
              repeated={approved.repeated ?? false}
              onRetry={() => {
                approval.mutate(approved);
              }}
            />
          </div>
        )}
        {reports.isPending && <Loading text="Loading the reports…" />}
        {reports.isError && (
          <Problem
            error={reports.error}
            call={LIST}
            repeated={listRepeated}
            onRetry={() => void reports.refetch()}
          />
        )}
        {reports.data && (
          <ReportTable
            reports={reports.data.pages.flatMap((page) => page.reports)}
            approving={approval.isPending}
            onApprove={({ id }) => {
              approval.mutate({ id });
            }}
          />
        )}
        {reports.hasNextPage && (
          <Button
            className="mt-4"
            disabled={reports.isFetchingNextPage}
            onClick={() => void reports.fetchNextPage()}
          >
            {reports.isFetchingNextPage ? 'Loading…' : 'Show more'}
          </Button>
        )}
      </Page>
    </div>
  );
}

/** Approve reports; first of all the one that a sign-in was needed for. */
function useApproval() {
  const session = useSession();
  const say = useToast();
  const approval = useApproveReport();
  const { mutateAsync } = approval;
  const [listRepeated, setListRepeated] = useState(false);

  const approve = (variables: { id: number; repeated?: boolean }) => {
    mutateAsync(variables).then(
      ({ title }) => {
        say(`“${title}” is approved.`);
      },
      () => undefined, // shown by the page
    );
  };

  const repeat = useRef(({ path, repeated }: Repeat) => {
    const id = /^\/reports\/(\d+)\/approve$/.exec(path)?.[1];
    if (id) approve({ id: Number(id), repeated });
    else setListRepeated(repeated);
  });
  useEffect(() => {
    const call = session.takeRepeat();
    if (call) repeat.current(call);
  }, [session]);

  return [listRepeated, { ...approval, mutate: approve }] as const;
}

function Create() {
  const session = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Requires
      scope="reports:write"
      otherwise={
        <Button
          onClick={() => void session.signIn({ returnTo: '/reports', scopes: ['reports:write'] })}
        >
          Request reports:write to create
        </Button>
      }
    >
      <Button
        kind="primary"
        onClick={() => {
          setOpen(true);
        }}
      >
        New report
      </Button>
      <Suspense>
        {open && (
          <NewReportDialog
            onClose={() => {
              setOpen(false);
            }}
          />
        )}
      </Suspense>
    </Requires>
  );
}
