import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckType, ProbeOutcome } from './check-type.js';
import { Datagram } from './datagram.js';
import { compilePattern } from './pattern.js';
import { failing, passing, seconds, timedProbe } from './probe-timer.js';
import { quoted } from './reasons.js';
import { bytesOf } from './sent-bytes.js';

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
  prepare: (target, values) => {
    const { send = '', expect }: CheckValue<'udp'> = values;
    const bytes = bytesOf(send);
    const judge = judgeOf(expect);
    const silence = passing(`no port-unreachable in ${seconds(target.timeoutMs)}`);
    const onTimeout = expect === undefined ? () => silence : undefined;
    return timedProbe(target.timeoutMs, (settle) => {
      const onAnswer = (answer: Buffer) => {
        settle(judge(answer));
      };
      return new Datagram({ target, bytes, onAnswer, onTimeout }, settle);
    });
  },
};

function judgeOf(source: string | undefined): (answer: Buffer) => ProbeOutcome {
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
