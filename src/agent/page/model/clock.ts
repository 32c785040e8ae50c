/** Points in time, in the time zone of who reads them. Making a formatter takes longer than a hundred uses of it. */

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const minute = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** 12:00:03; of another day, 28 Nov 12:00. */
export function clockText(time: string, now: number): string {
  const date = new Date(time);
  return day.format(date) === day.format(now)
    ? clock.format(date)
    : `${day.format(date)} ${minute.format(date)}`;
}

/** The whole of it, with the time zone. */
export function momentText(time: string): string {
  return whole.format(new Date(time));
}
