import { z } from 'zod';

// What the API accepts, so that most mistakes are found before anything is sent.
export const newReport = z.object({
  title: z.string().trim().min(1, 'Enter a title.').max(200, 'Use at most 200 characters.'),
  amount: z
    .string()
    .trim()
    .regex(/^\d{1,12}(\.\d{1,2})?$/, 'Enter an amount such as 48.20.')
    .refine((amount) => Number(amount) > 0, 'Enter an amount above 0.'),
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{3}$/, 'Enter a code of three letters, such as EUR.'),
});

export type NewReportForm = z.infer<typeof newReport>;

/** Return a key for a request, the same as before if the body is: then nothing is created twice. */
export function keyMaker() {
  let last = { body: '', key: '' };
  return (body: object): string => {
    const text = JSON.stringify(body);
    if (text !== last.body) last = { body: text, key: crypto.randomUUID() };
    return last.key;
  };
}
