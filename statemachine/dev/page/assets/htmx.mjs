// htmx, where its extension looks for it.
import htmx from "htmx.org/dist/htmx.esm.js";

globalThis.htmx = htmx;
