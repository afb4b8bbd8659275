// The one thing scripts may make of texts: nothing. Markup from a text is refused, and so is any script but Vega's.

window.trustedTypes?.createPolicy("default", {
  createHTML: (text) => {
    if (text !== "") throw new TypeError("no markup is made of texts here");
    return text; // Vega empties what it draws into
  },
  createScriptURL: (address) => {
    if (address !== "/static/vega.js") throw new TypeError("no other script is loaded here");
    return address;
  },
});
