/**
 * The rules of ipvsadm as a data format: parse them into operations, and format a table as rules. Pure functions, which need
 * neither Linux nor the programs.
 * @module ipvs/rules
 */
export { formatRules } from './rules/format-rules.js';
export type { ServiceRuleFacts, ServerRuleFacts } from './rules/format-rules.js';
export { parseRule, parseRules, RulesError } from './rules/parse-text.js';
export type { ParseRulesOptions, RuleFault } from './rules/parse-text.js';
export type { Names } from './rules/grammar/parsed-options.js';
