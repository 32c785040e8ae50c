import { describe, expect, test } from 'vitest';
import { imported, web } from './imported.js';

/** The notes on a setting, without its own line's number. */
async function notesOn(text: string): Promise<readonly string[]> {
  const { info } = await imported(text);
  return info.map((note) => note.replace(/^\d+ /, ''));
}

const quiet = 'quiescent = no';

describe('settings that a state file has no key for', () => {
  test.each([
    ['autoreload = yes', 'info: autoreload: '],
    ['autoreload = no', 'lost: autoreload = no: '],
    ['callback = "/bin/true"', 'lost: callback: '],
    ['cleanstop = yes', 'lost: cleanstop: start the agent with --on-exit remove'],
    ['cleanstop = no', 'info: cleanstop = no: '],
    ['emailalert = "a@example.com"', 'lost: emailalert: '],
    ['emailalertfreq = 60', 'lost: emailalertfreq: '],
    ['emailalertfrom = "LVS" <a@example.com>', 'lost: emailalertfrom: '],
    ['emailalertstatus = starting, stopping', 'lost: emailalertstatus: '],
    ['execute = other.cf', 'lost: execute: import other.cf too'],
    ['fallbackcommand = "/bin/true"', 'lost: fallbackcommand is left out: let onChange'],
    ['fork = yes', 'info: fork: '],
    ['logfile = "local0"', 'lost: logfile: '],
    ['maintenancedir = /etc/maintenance', 'lost: maintenancedir: '],
    ['readdquiescent = yes', 'info: readdquiescent: '],
    ['readdquiescent = no', 'lost: readdquiescent = no: '],
    ['smtp = mail.example.com', 'lost: smtp: '],
    ['supervised = yes', 'info: supervised: '],
    ['supervised', 'info: supervised: '],
  ])('%s before all services: %s', async (line, note) => {
    const [said, ...more] = await notesOn(`${line}\n${quiet}\n\n${web()}`);
    expect(said?.startsWith(note)).toBe(true);
    expect(more).toEqual([]);
  });

  test.each([
    ['cleanstop = no', 'info: cleanstop = no: '],
    ['comment = for the shop', 'info: comment: for the shop'],
    ['emailalert = a@example.com', 'lost: emailalert: '],
    ['emailalertfreq = 60', 'lost: emailalertfreq: '],
    ['emailalertstatus = none', 'lost: emailalertstatus: '],
    ['fallbackcommand = /bin/true', 'lost: fallbackcommand is left out: '],
    ['load = "1"', 'lost: load is left out: '],
    ['monitorfile = "/var/log/checks"', 'lost: monitorfile: '],
    ['smtp = mail.example.com', 'lost: smtp: '],
    ['netmask = 255.255.255.0', 'info: netmask says nothing without persistent'],
    ['ops = yes', 'info: ops says nothing but with UDP'],
    ['checkcommand = /bin/true', 'info: checkcommand says nothing with service = http'],
    ['checkcount = 2', 'info: checkcount says nothing with service = http'],
  ])('%s in a service: %s', async (line, note) => {
    const { notes } = await imported(web(line, quiet));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ file: 'ld.cf', line: 3, service: 'tcp:192.0.2.1:80' });
    expect(`${notes[0]?.kind}: ${notes[0]?.message}`.startsWith(note)).toBe(true);
  });

  test.each(['login', 'passwd', 'database', 'secret'])(
    'a value of %s is shown nowhere, whether the file is right or wrong',
    async (key) => {
      const { notes, state } = await imported(web(`${key} = "hush-hush"`, 'service = mysql'));
      expect(JSON.stringify({ notes, state: String(state.services.length) })).toMatch(
        `${key} is left`,
      );
      expect(JSON.stringify([notes, state.services.map(({ health }) => health)])).not.toMatch(
        'hush',
      );
      for (const broken of [`${key} = hush-hush`, `${key} "hush-hush"`, `${key}x = "hush-hush"`]) {
        const error: unknown = await imported(web(broken)).catch((reason: unknown) => reason);
        expect(String(error)).toMatch('ld.cf:3: ');
        expect(String(error)).not.toMatch('hush');
      }
    },
  );

  test.each([
    ['on', 'request = "a"'],
    ['ping', 'checkport = 80'],
    ['connect', 'receive = "a"'],
    ['external', 'virtualhost = a'],
    ['off', 'service = http'],
  ])('with checktype = %s, %s says nothing', async (type, line) => {
    const notes = await notesOn(web(`checktype = ${type}`, line, quiet));
    const key = line.split(' ')[0] ?? '';
    expect(notes.join()).toMatch(`info: ${key} says nothing with checktype = ${type}`);
  });

  test('that stand twice in a block: the last one counts', async () => {
    const { info, rules } = await imported(web('scheduler = rr', 'scheduler = wlc', quiet));
    expect(info).toEqual(['4 info: scheduler stands in line 3 too: the last one counts']);
    expect(rules[0]).toBe('-A -t 192.0.2.1:80 -s wlc');
  });

  test('lose control characters that a terminal would obey', async () => {
    const { info } = await imported(web('comment = \u001b[2J', quiet));
    expect(info).toEqual(['3 info: comment: ?[2J']);
  });
});
