// `/embed.js`: for other sites, as a script that is no module. It shows `/book` in a frame where the script stands, as high as
// what is in it: <script async src="https://dental.example/embed.js" data-lang="de"></script>
import type { Height } from "./framed";

const TITLES: Record<string, string> = { de: "Termin buchen", en: "Book an appointment" };

function embed(script: HTMLScriptElement): void {
  const { treatment, dentist, title, lang = document.documentElement.lang.slice(0, 2) } = script.dataset;
  const address = new URL("book", script.src);
  for (const [name, value] of Object.entries({ treatment, dentist })) if (value) address.searchParams.set(name, value);
  // In any other language than these the page speaks the browser's.
  if (lang in TITLES) address.searchParams.set("lang", lang);
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title ?? TITLES[lang] ?? "Book an appointment";
  Object.assign(frame.style, { display: "block", boxSizing: "border-box", width: "100%", height: "40rem", border: "0" });
  window.addEventListener("message", ({ origin, source, data }: MessageEvent<Height | undefined>) => {
    if (origin !== address.origin || source !== frame.contentWindow || data?.type !== "dental-sync:height") return;
    frame.style.height = `${Math.ceil(data.height)}px`;
  });
  script.after(frame);
}

if (document.currentScript instanceof HTMLScriptElement) embed(document.currentScript);
else console.error("embed.js is no module: load it by <script async src=…>, where the page to book belongs.");
