/** Text that is safe to show: control characters, which could control a terminal, become `?`. Tabs stay. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- matching them is the point
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '?');
}
