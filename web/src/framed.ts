/**
 * What a page of another site that shows this one in a frame is told: how high this one is, in pixels, whenever that
 * changes. Only sites that may frame it (the setting FRAME_ANCESTORS) are there to hear it.
 */
export interface Height {
  type: "dental-sync:height";
  height: number;
}

let told = 0;

function tell(): void {
  const { height } = document.documentElement.getBoundingClientRect();
  if (height === told) return;
  told = height;
  window.parent.postMessage({ type: "dental-sync:height", height } satisfies Height, "*");
}

new ResizeObserver(tell).observe(document.documentElement);
// As long as the frame is out of sight nothing in it is drawn, and no observer hears of a size.
new MutationObserver(tell).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
