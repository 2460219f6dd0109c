/** Building and finding elements, with their types. */

type Child = Node | string | undefined;

/** Attributes and listeners of an element: `on…` keys are listeners, `true` is an empty attribute, false and undefined are left out. */
interface Properties {
  [name: string]: string | number | boolean | ((event: Event) => void) | undefined;
}

/** Makes an element. Text goes in as text, never as markup: names in a share are other people's words. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** The element with this id, which the page is known to hold. */
export function byId<Tag extends keyof HTMLElementTagNameMap = "div">(id: string): HTMLElementTagNameMap[Tag] {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found as HTMLElementTagNameMap[Tag];
}

const SHAPES = {
  folder: "M2.5 5.5a1.5 1.5 0 0 1 1.5-1.5h3.6l1.9 2h6.5a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-12a1.5 1.5 0 0 1-1.5-1.5z",
  file: "M5.5 2.5h6l4 4v11h-10zM11.5 2.5v4h4",
} as const;

/** A small drawing beside a word; readers of the page by ear are not told of it. */
export function icon(shape: keyof typeof SHAPES): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${shape}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[shape]);
  svg.append(path);
  return svg;
}
