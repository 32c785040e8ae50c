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

/** @param language of the blocks that hold the configuration. */
export function readGuide(path: string, language: string): Guide {
  const blocks = blocksOf(path);
  const titles = Array.from(
    readText(path).matchAll(/^## (\d+\. .*)$/gm),
    ({ 1: title = '', index }) => ({
      title,
      line: readText(path).slice(0, index).split('\n').length,
    }),
  );
  const lineOf = ({ place }: Block) => Number(place.split(':').pop());
  return {
    before: blocks.filter((block) => block.language === language).map(({ content }) => content),
    sections: titles.map(({ title, line }, index) => {
      const end = titles[index + 1]?.line ?? Infinity;
      const own = blocks.filter((block) => lineOf(block) > line && lineOf(block) < end);
      return { title, blocks: own.filter(({ language }) => language === 'console').map(stepsOf) };
    }),
  };
}
