import { readFileSync } from 'node:fs';
import type { CommandUser } from './run-command.js';

const USERS = '/etc/passwd';

/**
 * A user of this machine, by name or number, with the group that is the user's own. Users that only a directory service
 * knows are not found: it may be down when it is asked.
 */
export function findUser(name: string, file = USERS): CommandUser | undefined {
  const users = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user =
    users.find(([found]) => found === name) ?? users.find(([, , number]) => number === name);
  const [, , userId, groupId] = user ?? [];
  return isNumber(userId) && isNumber(groupId)
    ? { userId: Number(userId), groupId: Number(groupId) }
    : undefined;
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}
