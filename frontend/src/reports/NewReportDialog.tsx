import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiError } from '../api/client';
import { Problem } from '../api/Problem';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { useToast } from '../ui/Toasts';
import { keyMaker, newReport, type NewReportForm } from './form';
import { useCreateReport } from './queries';

const FIELDS = ['title', 'amount', 'currency'] as const;

/** A form for a new report. What the API does not accept is said at the field. */
export function NewReportDialog({ onClose }: { onClose: () => void }) {
  const say = useToast();
  const creation = useCreateReport();
  const [keyFor] = useState(keyMaker);
  const form = useForm<NewReportForm>({
    resolver: zodResolver(newReport),
    defaultValues: { title: '', amount: '', currency: 'EUR' },
  });
  const { errors } = form.formState;
  const isUnexplained = creation.isError && !FIELDS.some((name) => errors[name]);

  const submit = form.handleSubmit(async (body) => {
    try {
      const { title } = await creation.mutateAsync({ body, key: keyFor(body) });
      say(`“${title}” is submitted.`);
      onClose();
    } catch (error) {
      for (const name of FIELDS) {
        const message = fieldError(error, name);
        if (message !== undefined) form.setError(name, { message });
      }
    }
  });

  return (
    <Dialog title="New report" onClose={onClose}>
      <form className="grid gap-4" noValidate onSubmit={(event) => void submit(event)}>
        <Field label="Title" error={errors.title?.message} {...form.register('title')} />
        <div className="grid grid-cols-[1fr_7rem] gap-3">
          <Field
            label="Amount"
            inputMode="decimal"
            error={errors.amount?.message}
            {...form.register('amount')}
          />
          <Field label="Currency" error={errors.currency?.message} {...form.register('currency')} />
        </div>
        {isUnexplained && (
          <Problem
            error={creation.error}
            call={{ method: 'GET', path: '/reports' }}
            onRetry={() => void submit()}
          />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={creation.isPending}>
            {creation.isPending ? 'Submitting…' : 'Submit'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function fieldError(error: unknown, name: string): string | undefined {
  if (!(error instanceof ApiError) || error.outcome.kind !== 'received') return undefined;
  return error.outcome.fields[name];
}
