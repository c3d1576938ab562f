// The only caller of Plotly. Figures come whole from the server; their text is escaped there.

const CONFIG = { displayModeBar: false, scrollZoom: true, responsive: false, doubleClick: "reset", showTips: false };

export async function draw(element, figure, { click, scrollZoom = true } = {}) {
  await window.Plotly.react(element, figure.data, figure.layout, { ...CONFIG, scrollZoom });
  element.removeAllListeners?.("plotly_click");
  if (click) element.on("plotly_click", (event) => click(event.points[0].customdata, event.event));
}

export function saveAs(element, format, name) {
  return window.Plotly.downloadImage(element, { format, filename: name, scale: format === "png" ? 2 : 1 });
}

export function theme() {
  return document.documentElement.dataset.theme;
}
