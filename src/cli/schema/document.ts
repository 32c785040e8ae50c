import type { Definitions, JsonSchema } from '../../state/file/json-schema.js';
import { agentDefinitions } from './agent.js';
import { changeDefinitions } from './changes.js';
import { connectionDefinitions } from './connections.js';
import { doctorDefinitions } from './doctor.js';
import { drainDefinitions } from './draining.js';
import { outputs } from './outputs.js';
import { setUpDefinitions } from './set-up.js';
import { stateFileDefinitions } from './state-file.js';
import { tableDefinitions } from './table.js';

/** All definitions. A new one is a line here; its key is what `$defs` calls it. */
export const definitionSets: readonly Definitions[] = [
  stateFileDefinitions,
  tableDefinitions,
  changeDefinitions,
  connectionDefinitions,
  drainDefinitions,
  setUpDefinitions,
  agentDefinitions,
  doctorDefinitions,
];

/** The schema of state files, with definitions of all that verbs print. */
export function schemaDocument(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:ipvs:schema:1',
    title: 'A state file of ipvs; $defs has the outputs of its verbs',
    $ref: '#/$defs/stateFile',
    $defs: Object.fromEntries(
      definitionSets.flatMap(Object.entries<JsonSchema>).map(([name, schema]) => {
        const printed = commandsThatPrint(name);
        return [
          name,
          printed === '' ? schema : { description: `printed by ${printed}`, ...schema },
        ];
      }),
    ),
  };
}

function commandsThatPrint(name: string): string {
  const commands = Object.entries(outputs).flatMap(([verb, { json, ndjson }]) => [
    ...(json === name ? [`ipvs ${verb} -o json`] : []),
    ...(ndjson === name ? [`ipvs ${verb} -o ndjson`] : []),
  ]);
  return commands.join(', ');
}
