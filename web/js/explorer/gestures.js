// What the pointer does to the map, as explorer/pointer.js tells it.

import { el, say } from "../dom.js";
import { number } from "../format.js";
import { go, state } from "../url.js";
import { cameraText } from "./camera.js";
import { toWorld } from "./geometry.js";
import { closeMenu } from "./menu.js";
import { flagText } from "./notes.js";
import { linkId, reduce, selection } from "./store.js";

// `scene` is what is drawn, `parts()` the elements of the page; `act`, `expand` and `menu` are the page's own.
export function gestures({ scene, parts, act, expand, menu }) {
  const ids = () => selection(state());
  const numberOf = (id) => scene.overlay.numbers?.get(id);

  // What moves with a node that is dragged: the selection it is in.
  function dragged(n) {
    const chosen = ids();
    return chosen.includes(scene.picker.nodes.id[n]) ? chosen.map(numberOf).filter((one) => one !== undefined) : [n];
  }

  return {
    touched: () => closeMenu(),
    click: (hit, add) => {
      const { nodes, links } = scene.picker;
      if (!hit) { if (state().sel && !add) act({ do: "select", ids: [] }); } else if (hit.link !== undefined) act({ do: "link", id: linkId(nodes.id[links.src[hit.link]], nodes.id[links.dst[hit.link]]) });
      else if (add) act({ do: "toggle", id: nodes.id[hit.node] });
      else act({ do: "select", ids: [nodes.id[hit.node]] });
    },
    open: (n) => expand(scene.picker.nodes.id[n]),
    hover: (hit, where) => {
      scene.overlay.show({ near: hit?.node ?? null });
      parts().tip.hidden = !hit;
      if (!hit) return;
      parts().tip.replaceChildren(...tip(scene, hit).map((text, n) => el(n ? "div" : "strong", {}, text)));
      parts().tip.style.left = `${Math.min(where[0] + 14, scene.camera.size.width - 220)}px`;
      parts().tip.style.top = `${Math.min(where[1] + 14, scene.camera.size.height - 80)}px`;
    },
    drag: (n, across, down) => scene.overlay.ghosts(dragged(n).map((one) => {
      const { x, y, k } = scene.camera.now, { width, height } = scene.camera.size;
      const [px, py] = scene.picker.place(one);
      return [one, (px - x) * k + width / 2 + across, (y - py) * k + height / 2 + down];
    })),
    dropped: (n, across, down) => {
      const { k } = scene.camera.now;
      const { nodes } = scene.picker;
      const places = Object.fromEntries(dragged(n).map((one) => [nodes.id[one], [nodes.x[one] + across / k, nodes.y[one] - down / k]]));
      const pinnedState = reduce(state(), { do: "pin", places });
      const clear = () => scene.overlay.ghosts([]);
      go(location.pathname, { ...pinnedState, cam: cameraText(scene.camera.now) });
      new MutationObserver((_, watch) => { if (!parts().graph.hasAttribute("aria-busy")) { clear(); watch.disconnect(); } }).observe(parts().graph, { attributeFilter: ["aria-busy"] });
    },
    lasso: (points) => scene.overlay.lasso(points),
    lassoed: (points, add) => {
      scene.overlay.lasso([]);
      const found = scene.picker.within(points.map((point) => toWorld(scene.camera.now, scene.camera.size, point)));
      act({ do: "select", ids: add ? [...new Set([...ids(), ...found])] : found });
      say(`${number(found.length)} nodes selected`);
    },
    menu: (hit, x, y) => {
      if (hit?.node !== undefined && !ids().includes(scene.picker.nodes.id[hit.node])) act({ do: "select", ids: [scene.picker.nodes.id[hit.node]] });
      menu(x, y);
    },
  };
}

function tip({ picker: { nodes, links }, notes }, { node, link }) {
  const said = (id) => (notes.has(id) ? [`Note: ${flagText(notes.get(id))}`] : []);
  if (node !== undefined) {
    const many = nodes.kind[node] === "group" ? `${number(nodes.members[node])} nodes` : null;
    return [nodes.name[node], [nodes.kind[node], nodes.segment[node], many].filter(Boolean).join(", "), `${number(nodes.count[node])} accepted, ${number(nodes.failures[node])} refused`, ...said(nodes.id[node])];
  }
  return [`${nodes.name[links.src[link]]} → ${nodes.name[links.dst[link]]}`, `as ${links.users[link]}`, `${number(links.count[link])} accepted, ${number(links.failures[link])} refused`, ...said(linkId(nodes.id[links.src[link]], nodes.id[links.dst[link]]))];
}
