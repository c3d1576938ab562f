// Where things are: the camera, curves, what lies under the pointer. Pure.

export const BEND = 0.1; // as graphmap.figures.strokes.BEND

// A camera looks at x, y with k pixels a unit; y grows upwards, pixels downwards.
export function toScreen(camera, size, [x, y]) {
  return [(x - camera.x) * camera.k + size.width / 2, (camera.y - y) * camera.k + size.height / 2];
}

export function toWorld(camera, size, [x, y]) {
  return [camera.x + (x - size.width / 2) / camera.k, camera.y - (y - size.height / 2) / camera.k];
}

export function ranges(camera, size) {
  const [across, up] = [size.width / 2 / camera.k, size.height / 2 / camera.k];
  return { x: [camera.x - across, camera.x + across], y: [camera.y - up, camera.y + up] };
}

export function ofRanges(x, y, size) {
  return { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2, k: size.width / (x[1] - x[0]) };
}

// How a picture that was drawn for one camera is moved to look as from another: scale, then shift in pixels.
export function moved(drawn, now, size) {
  const scale = now.k / drawn.k;
  return {
    scale,
    x: (drawn.x - now.x) * now.k + (size.width / 2) * (1 - scale),
    y: (now.y - drawn.y) * now.k + (size.height / 2) * (1 - scale),
  };
}

// The camera after a zoom that leaves the place under the pointer where it is.
export function zoomed(camera, size, point, factor) {
  const k = Math.min(Math.max(camera.k * factor, 0.2), 2000);
  const [x, y] = toWorld(camera, size, point);
  return { x: x - (point[0] - size.width / 2) / k, y: y + (point[1] - size.height / 2) / k, k };
}

export function control([x0, y0], [x1, y1]) {
  return [(x0 + x1) / 2 - 2 * BEND * (y1 - y0), (y0 + y1) / 2 + 2 * BEND * (x1 - x0)];
}

export function onCurve([x0, y0], [cx, cy], [x1, y1], part) {
  const rest = 1 - part;
  return [rest * rest * x0 + 2 * rest * part * cx + part * part * x1, rest * rest * y0 + 2 * rest * part * cy + part * part * y1];
}

export function inside([x, y], polygon) {
  let within = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[x0, y0], [x1, y1]] = [polygon[i], polygon[j]];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) within = !within;
  }
  return within;
}

const CELLS = 64;
const CHORDS = 64; // straight parts that stand for a curve: even of a long one, zoomed in, less than a pixel beside it
const NODE = 6, LINK = 5; // pixels beside a node or a link that are still it

// What is drawn, found by where it is: a grid over all of it.
export class Picker {
  constructor({ nodes, links }) {
    this.nodes = nodes;
    this.links = links;
    const [left, right] = extent(nodes.x), [low, high] = extent(nodes.y);
    this.cell = Math.max((right - left) / CELLS, (high - low) / CELLS, 0.5);
    // A curve bends out of the box of its ends by less than a bend of the longest link there can be.
    const rim = Math.ceil((2 * BEND * Math.hypot(right - left, high - low)) / this.cell) + 1;
    this.left = Math.floor(left / this.cell) - rim;
    this.low = Math.floor(low / this.cell) - rim;
    this.columns = Math.floor(right / this.cell) + rim + 1 - this.left;
    this.largest = nodes.size.reduce((most, size) => Math.max(most, size), 0);
    this.cells = [];
    for (let n = 0; n < nodes.x.length; n++) this.#cell(nodes.x[n], nodes.y[n]).nodes.push(n);
  }

  // Links are put into the grid when somebody first looks for one: it takes longer than all else.
  #laid() {
    if (this.laid) return;
    this.laid = true;
    const { x, y } = this.nodes, { src, dst } = this.links;
    for (let n = 0; n < src.length; n++) {
      const x0 = x[src[n]], y0 = y[src[n]], x1 = x[dst[n]], y1 = y[dst[n]];
      const [cx, cy] = control([x0, y0], [x1, y1]);
      const steps = Math.max(2, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / this.cell) * 2);
      let before = null;
      for (let i = 0; i <= steps; i++) {
        const part = i / steps, rest = 1 - part;
        const found = this.#cell(rest * rest * x0 + 2 * rest * part * cx + part * part * x1, rest * rest * y0 + 2 * rest * part * cy + part * part * y1);
        if (found !== before && found.links.at(-1) !== n) found.links.push(n);
        before = found;
      }
    }
  }

  #number(x, y) {
    return (Math.floor(y / this.cell) - this.low) * this.columns + Math.floor(x / this.cell) - this.left;
  }

  #cell(x, y) {
    return this.cells[this.#number(x, y)] ??= { nodes: [], links: [] };
  }

  place(n) {
    return [this.nodes.x[n], this.nodes.y[n]];
  }

  curve(n) {
    const [from, to] = [this.place(this.links.src[n]), this.place(this.links.dst[n])];
    return [from, control(from, to), to];
  }

  * #near([x, y], reach) {
    const of = (value) => Math.floor(value / this.cell);
    for (let column = of(x - reach); column <= of(x + reach); column++) {
      for (let row = of(y - reach); row <= of(y + reach); row++) {
        const [across, up] = [column - this.left, row - this.low];
        const found = across >= 0 && across < this.columns && up >= 0 ? this.cells[up * this.columns + across] : null;
        if (found) yield found;
      }
    }
  }

  // The number of the node, else of the link, at a place; k pixels are a unit.
  at(place, k) {
    let best = null, least = Infinity;
    for (const { nodes } of this.#near(place, (this.largest / 2 + NODE) / k)) {
      for (const n of nodes) {
        const apart = Math.hypot(this.nodes.x[n] - place[0], this.nodes.y[n] - place[1]) * k;
        if (apart < least && apart <= Math.max(this.nodes.size[n] / 2 + 2, NODE)) [best, least] = [{ node: n }, apart];
      }
    }
    if (best) return best;
    this.#laid();
    for (const { links } of this.#near(place, Math.max(LINK / k, this.cell / 2))) {
      for (const n of links) {
        const apart = this.#distance(place, n) * k;
        if (apart < least && apart <= LINK) [best, least] = [{ link: n }, apart];
      }
    }
    return best;
  }

  #distance([x, y], n) {
    const [from, middle, to] = this.curve(n);
    let least = Infinity, [px, py] = from;
    for (let i = 1; i <= CHORDS; i++) {
      const [qx, qy] = onCurve(from, middle, to, i / CHORDS);
      const [dx, dy] = [qx - px, qy - py];
      const part = Math.min(1, Math.max(0, ((x - px) * dx + (y - py) * dy) / (dx * dx + dy * dy || 1)));
      least = Math.min(least, Math.hypot(x - px - part * dx, y - py - part * dy));
      [px, py] = [qx, qy];
    }
    return least;
  }

  within(polygon) {
    return this.nodes.id.filter((_, n) => inside(this.place(n), polygon));
  }

  // Numbers of the links of a node.
  linksOf(n) {
    return this.links.src.flatMap((src, at) => (src === n || this.links.dst[at] === n ? [at] : []));
  }

  // The nodes that would hang in the air without a node.
  leaves(n) {
    const others = new Map();
    this.links.src.forEach((src, at) => {
      for (const [one, other] of [[src, this.links.dst[at]], [this.links.dst[at], src]]) {
        if (!others.has(one)) others.set(one, new Set());
        others.get(one).add(other);
      }
    });
    return this.nodes.id.filter((_, at) => at !== n && others.get(at)?.size === 1 && others.get(at).has(n));
  }

  // The nearest node that way from a node: right, left, up or down.
  nearest(from, key) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    let best = null, least = Infinity;
    this.nodes.id.forEach((id, n) => {
      const [x, y] = [this.nodes.x[n] - this.nodes.x[from], this.nodes.y[n] - this.nodes.y[from]];
      const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (ahead > 1e-6 && ahead + 2 * aside < least) [best, least] = [id, ahead + 2 * aside];
    });
    return best;
  }
}

function extent(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}
