import { blocksOf, readText, stepsOf } from '../../docs/markdown.js';
import type { Block, Step } from '../../docs/markdown.js';

/** A guide for moving over: what its reader has at first, and the lines that are typed, section by section. */
export interface Guide {
  /** The configuration of the program that is replaced, with which the guide begins. */
  readonly before: readonly string[];
  readonly sections: readonly Section[];
}

export interface Section {
  /** `5. Take over` */
  readonly title: string;
  /** Of each block of lines that are typed, the steps. */
  readonly blocks: readonly (readonly Step[])[];
}

/** What a text has instead for another configuration. */
export type Edits = readonly (readonly [before: string, after: string])[];

/**
 * @param language of the blocks that hold the configuration.
 * @param edits each must change something.
 */
export function readGuide(path: string, language: string, edits: Edits = []): Guide {
  const text = readText(path);
  const blocks = blocksOf(path);
  const titles = Array.from(text.matchAll(/^## (\d+\. .*)$/gm), ({ 1: title = '', index }) => ({
    title,
    line: text.slice(0, index).split('\n').length,
  }));
  for (const [before] of edits) {
    if (!text.includes(before)) throw new Error(`${path} does not have ${before}`);
  }
  const edited = blocks.map((block) => ({
    ...block,
    content: edits.reduce((rest, [before, after]) => rest.replaceAll(before, after), block.content),
  }));
  const lineOf = ({ place }: Block) => Number(place.split(':').pop());
  return {
    before: edited.filter((block) => block.language === language).map(({ content }) => content),
    sections: titles.map(({ title, line }, index) => {
      const end = titles[index + 1]?.line ?? Infinity;
      const own = edited.filter((block) => lineOf(block) > line && lineOf(block) < end);
      return { title, blocks: own.filter(({ language }) => language === 'console').map(stepsOf) };
    }),
  };
}
