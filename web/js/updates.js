// What the server tells as it happens. One stream for what is shown: a browser has six connections to a server, and each
// stream takes one for as long as it is open.

let source = null;
let heard = [];

// `does` by the name of an event, called for as long as the element is shown; `open` where the stream begins, again too.
export function listen(element, does) {
  tidy();
  heard.push(element);
  source ??= new EventSource("/api/v1/updates");
  for (const [name, call] of Object.entries(does)) {
    source.addEventListener(name, (event) => { if (element.isConnected) call(event); });
  }
}

// Ends the stream where nothing that is shown hears it.
export function tidy() {
  heard = heard.filter((element) => element.isConnected);
  if (heard.length) return;
  source?.close();
  source = null;
}
