// The pointer over the map: click, drag, pan, lasso, zoom, hover. What they mean is told to `does`.

import { toWorld } from "./geometry.js";

const SLACK = 4; // pixels a click may move
const HOVER = 80; // milliseconds
const TWICE = 400; // milliseconds between the clicks of a double click

export function listen(element, scene, does) {
  let press = null, last = { key: null, at: 0 }, hovering = 0;
  const point = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const under = (where) => scene.picker?.at(toWorld(scene.camera.now, scene.camera.size, where), scene.camera.now.k) ?? null;

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !scene.picker) return;
    element.focus({ preventScroll: true });
    const where = point(event);
    press = { from: where, at: where, hit: under(where), shift: event.shiftKey, add: event.ctrlKey || event.metaKey, way: null, points: [where] };
    element.setPointerCapture(event.pointerId);
    does.touched();
  });

  element.addEventListener("pointermove", (event) => {
    const where = point(event);
    if (!press) {
      clearTimeout(hovering);
      hovering = setTimeout(() => does.hover(under(where), where), HOVER);
      return;
    }
    if (!press.way && Math.hypot(where[0] - press.from[0], where[1] - press.from[1]) < SLACK) return;
    press.way ??= press.shift ? "lasso" : press.hit?.node !== undefined ? "node" : "pan";
    does.hover(null);
    if (press.way === "pan") scene.camera.pan(where[0] - press.at[0], where[1] - press.at[1]);
    else if (press.way === "lasso") does.lasso([...press.points, where]);
    else does.drag(press.hit.node, where[0] - press.from[0], where[1] - press.from[1]);
    press.at = where;
    if (press.way === "lasso") press.points.push(where);
  });

  element.addEventListener("pointerup", (event) => {
    const done = press;
    press = null;
    if (!done) return;
    if (done.way === "lasso") does.lassoed(done.points, done.add);
    else if (done.way === "node") does.dropped(done.hit.node, done.at[0] - done.from[0], done.at[1] - done.from[1]);
    else if (!done.way) {
      const key = JSON.stringify(done.hit);
      const twice = done.hit?.node !== undefined && last.key === key && event.timeStamp - last.at < TWICE;
      last = { key, at: event.timeStamp };
      if (twice) does.open(done.hit.node);
      else does.click(done.hit, done.add);
    }
  });

  element.addEventListener("pointercancel", () => { press = null; does.lasso([]); });
  element.addEventListener("pointerleave", () => { clearTimeout(hovering); does.hover(null); });

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    does.touched();
    does.hover(null);
    scene.camera.zoom(point(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
  }, { passive: false });

  element.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const hit = under(point(event));
    does.menu(hit, event.clientX, event.clientY);
  });
}
