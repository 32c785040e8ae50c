import type { JsonRecord } from '../../common/json.js';
import { isRecord, textOf } from '../../common/json.js';
import type { CheckType, ProbeOutcome } from './check-type.js';
import { Datagram } from './datagram.js';
import { compilePattern } from './pattern.js';
import { failing, passing, seconds, timedProbe } from './probe-timer.js';
import { quoted } from './reasons.js';

/**
 * Sends one datagram, an empty one without `send`: a closed port tells nothing unless it is asked. With `expect` an answer is
 * needed, and the first one decides. Without, silence passes, so that each check of a server that does not answer takes its
 * whole timeout: nothing else tells such a server from one whose refusal is still on its way. A refusal is an ICMP message,
 * which servers send only so often and firewalls may drop; of a machine that is off there is none. For a server that
 * answers, `expect` is the better check.
 */
export const udp: CheckType = {
  name: 'udp',
  summary: 'no port-unreachable within the timeout; with send and expect, an answer that matches',
  prepare: (target, settings) => {
    const bytes = bytesToSend(settings);
    const judge = judgeOf(settings);
    const silence = passing(`no port-unreachable in ${seconds(target.timeoutMs)}`);
    const onTimeout = settings['expect'] === undefined ? () => silence : undefined;
    return timedProbe(target.timeoutMs, (settle) => {
      const onAnswer = (answer: Buffer) => {
        settle(judge(answer));
      };
      return new Datagram({ target, bytes, onAnswer, onTimeout }, settle);
    });
  },
};

/** Text, or `{hex: …}`. */
function bytesToSend({ send }: JsonRecord): Buffer {
  const hex = isRecord(send) ? textOf(send['hex']) : undefined;
  return hex === undefined ? Buffer.from(textOf(send) ?? '', 'utf8') : Buffer.from(hex, 'hex');
}

function judgeOf(settings: JsonRecord): (answer: Buffer) => ProbeOutcome {
  const source = textOf(settings['expect']);
  if (source === undefined) return () => passing('answered');
  const pattern = compilePattern(source);
  const matching = passing(`answer matches ${quoted(source)}`);
  return (answer) => {
    const text = answer.toString('utf8');
    return pattern.matches(text)
      ? matching
      : failing(`answer ${quoted(text)} does not match ${quoted(source)}`);
  };
}
