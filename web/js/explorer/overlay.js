// Feedback over the picture: rings, what a node is linked with, the lasso, the ghost of what is dragged, what moves in time.

import { svg } from "../dom.js";
import { onCurve, toScreen } from "./geometry.js";
import { isLink, linkId } from "./store.js";

const FLAGS = 500;

export class Overlay {
  constructor() {
    this.world = svg("svg", { class: "overlay world", "aria-hidden": "true" }); // moves with the picture
    this.tool = svg("svg", { class: "overlay", "aria-hidden": "true" }); // stays on the screen
    this.marks = { selected: [], near: null, lit: null };
  }

  // What was drawn: the index of nodes and links, a picker over it, and the camera.
  over(picker, camera, pins) {
    this.picker = picker;
    this.camera = camera;
    this.pins = pins;
    this.numbers = new Map(picker.nodes.id.map((id, n) => [id, n]));
    this.flags = [];
  }

  // Where somebody noted something: `notes` by the id of a node or link. Of more than FLAGS the newest are shown.
  flag(notes) {
    const { src, dst } = this.picker.links, { id } = this.picker.nodes;
    const links = [...notes.keys()].some(isLink) ? new Map(src.map((from, n) => [linkId(id[from], id[dst[n]]), n])) : new Map();
    this.flags = [...notes].slice(0, FLAGS).flatMap(([of, { marked }]) => (
      this.numbers.has(of) ? [{ node: this.numbers.get(of), marked }] : links.has(of) ? [{ link: links.get(of), marked }] : []));
    this.draw();
  }

  show(marks) {
    Object.assign(this.marks, marks);
    this.draw();
  }

  shift({ scale, x, y }) {
    this.world.style.transform = scale === 1 && !x && !y ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
  }

  draw() {
    if (!this.picker) return;
    const { selected, near, lit } = this.marks;
    const parts = [];
    if (lit) {
      lit.links.forEach((n) => parts.push(this.#curve(n, "lit")));
      lit.nodes.forEach((n) => parts.push(this.#ring(n, "lit", 0)));
    }
    const focus = near ?? (selected.length === 1 && !lit ? this.numbers.get(selected[0]) : null);
    if (focus !== null && focus !== undefined) {
      for (const n of this.picker.linksOf(focus).slice(0, 400)) {
        parts.push(this.#curve(n, "near"));
        const { src, dst } = this.picker.links;
        parts.push(this.#ring(src[n] === focus ? dst[n] : src[n], "near", 2));
      }
    }
    for (const id of Object.keys(this.pins ?? {})) if (this.numbers.has(id)) parts.push(this.#dot(this.numbers.get(id)));
    for (const one of this.flags) parts.push(this.#flag(one));
    if (this.marks.link !== null && this.marks.link !== undefined) parts.push(this.#curve(this.marks.link, "chosen"));
    for (const id of selected) {
      if (!this.numbers.has(id)) continue;
      parts.push(this.#ring(this.numbers.get(id), "selected", 4));
      if (selected.length <= 12) parts.push(this.#name(this.numbers.get(id)));
    }
    this.world.replaceChildren(...parts);
  }

  #at(n) {
    return toScreen(this.camera.drawn, this.camera.size, this.picker.place(n));
  }

  #radius(n) {
    return this.picker.nodes.size[n] / 2;
  }

  #ring(n, kind, more) {
    const [x, y] = this.#at(n), radius = this.#radius(n) + more;
    const square = this.picker.nodes.kind[n] === "host";
    return square
      ? svg("rect", { class: kind, x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius, rx: 2 })
      : svg("circle", { class: kind, cx: x, cy: y, r: radius + 1 });
  }

  #dot(n) {
    const [x, y] = this.#at(n);
    return svg("circle", { class: "pinned", cx: x, cy: y, r: 2.5 });
  }

  // A small flag at a node, or on the middle of a link; filled where it is marked.
  #flag({ node, link, marked }) {
    const [x, y] = link === undefined ? this.#at(node) : toScreen(this.camera.drawn, this.camera.size, onCurve(...this.picker.curve(link), 0.5));
    const away = link === undefined ? this.#radius(node) * 0.7 : 0;
    return svg("path", { class: marked ? "flag marked" : "flag", d: `M${x + away},${y - away}v-13l8,3.5l-8,3.5` });
  }

  #name(n) {
    const [x, y] = this.#at(n);
    const text = this.picker.nodes.name[n].replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD");
    const label = svg("text", { class: "name", x, y: y - this.#radius(n) - 9 });
    label.textContent = text.length > 40 ? `${text.slice(0, 24)}…${text.slice(-12)}` : text;
    return label;
  }

  #curve(n, kind) {
    const [from, middle, to] = this.picker.curve(n).map((place) => toScreen(this.camera.drawn, this.camera.size, place).map((value) => value.toFixed(1)));
    return svg("path", { class: kind, d: `M${from}Q${middle} ${to}` });
  }

  // On the screen: a lasso of points, or ghosts of nodes that are being dragged.

  lasso(points) {
    this.tool.replaceChildren(...(points.length ? [svg("polygon", { class: "lasso", points: points.join(" ") })] : []));
  }

  ghosts(places) {
    this.tool.replaceChildren(...places.map(([n, x, y]) => svg("circle", { class: "ghost", cx: x, cy: y, r: this.#radius(n) + 3 })));
  }
}
