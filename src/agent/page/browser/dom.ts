type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string>>;

const SVG = 'http://www.w3.org/2000/svg';

/** An element with its attributes and children. Texts become text nodes: nothing that a server sends is read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly SVGElement[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** An element that page.html has. */
export function part<Type extends Element>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`page.html has no #${id}`);
  return found;
}

/** Sets what differs: the browser lays out again only what has changed. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A symbol of page.html. What it says stands beside it in words. */
export function icon(name: string): SVGSVGElement {
  const use = svgElement('use', { href: `#i-${name}` });
  return svgElement('svg', { class: 'icon', 'aria-hidden': 'true' }, use);
}

export function setIcon(svg: SVGSVGElement, name: string): void {
  const use = svg.firstElementChild;
  if (use) setAttribute(use, 'href', `#i-${name}`);
}
