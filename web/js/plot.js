// The only caller of Plotly. Figures come whole from the server; their text is escaped there.

const CONFIG = { displayModeBar: false, scrollZoom: true, responsive: false, doubleClick: "reset", showTips: false };

export async function draw(element, figure, { click, scrollZoom = true } = {}) {
  await window.Plotly.react(element, figure.data, figure.layout, { ...CONFIG, scrollZoom });
  element.removeAllListeners?.("plotly_click");
  if (click) element.on("plotly_click", (event) => click(event.points[0].customdata, event.event));
}

// A picture that Plotly does not listen to: the map has a pointer and a camera of its own.
export function drawStill(element, figure) {
  const layout = { ...figure.layout, hovermode: false, dragmode: false };
  return window.Plotly.react(element, figure.data, layout, { ...CONFIG, staticPlot: true });
}

export function look(element, { x, y }) {
  return window.Plotly.relayout(element, { "xaxis.range": x, "yaxis.range": y });
}

export function saveAs(element, format, name) {
  return window.Plotly.downloadImage(element, { format, filename: name, scale: format === "png" ? 2 : 1 });
}

export function theme() {
  return document.documentElement.dataset.theme;
}
