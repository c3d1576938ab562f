// Moving over the map: while it moves the drawn picture is shifted, afterwards it is drawn for the new place once.

import { moved, ofRanges, ranges, zoomed } from "./geometry.js";

const REST = 180; // milliseconds without input, from the last picture on, after which the picture is drawn anew

export class Camera {
  // `moving(transform)` shifts what is drawn, `settled(camera)` draws it anew; both at most once a frame.
  constructor({ moving, settled }) {
    this.moving = moving;
    this.settled = settled;
    this.size = { width: 1, height: 1 };
    this.drawn = this.now = { x: 0, y: 0, k: 1 };
    this.busy = false;
    this.timer = 0;
    this.frame = 0;
  }

  // A figure will be drawn as from `camera`; null for as it is. Who is moving now is not stopped.
  see(figure, camera) {
    this.size = { width: figure.layout.width, height: figure.layout.height };
    const from = camera ?? ofRanges(figure.layout.xaxis.range, figure.layout.yaxis.range, this.size);
    if (!this.busy) this.now = from;
    const { x, y } = ranges(from, this.size);
    figure.layout.xaxis.range = x;
    figure.layout.yaxis.range = y;
    return from;
  }

  pan(across, down) {
    this.#to({ ...this.now, x: this.now.x - across / this.now.k, y: this.now.y + down / this.now.k });
  }

  zoom(point, factor) {
    this.#to(zoomed(this.now, this.size, point ?? [this.size.width / 2, this.size.height / 2], factor));
  }

  #to(camera) {
    this.now = camera;
    this.busy = true;
    clearTimeout(this.timer);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.moving(moved(this.drawn, this.now, this.size));
      requestAnimationFrame(() => this.#rest()); // from when the picture is out: one that takes long is no rest
    });
  }

  #rest() {
    if (this.frame) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.busy = false;
      this.settled(this.now);
    }, REST);
  }

  // The picture is drawn as from `camera`.
  arrived(camera) {
    this.drawn = camera;
    this.moving(moved(this.drawn, this.now, this.size));
  }
}

export function cameraText(camera) {
  return [camera.x, camera.y, camera.k].map((value) => Number(value.toPrecision(5))).join(",");
}

export function cameraOf(text) {
  const [x, y, k] = (text ?? "").split(",").map(Number);
  return [x, y, k].every(Number.isFinite) && k > 0.01 && k < 10_000 ? { x, y, k } : null;
}
