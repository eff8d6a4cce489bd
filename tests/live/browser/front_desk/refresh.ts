// What a bundler's hot reload does, without the bundler. It must be there before React is.
// @ts-expect-error - it comes without types
import runtime from "react-refresh/runtime";

type Component = (props: any) => unknown;

let version = 0;
runtime.injectIntoGlobalHook(window);

/** Remembers a component under a name. */
export function remember(name: string, component: Component): void {
  runtime.register(component, name);
  runtime.setSignature(component, "0");
}

/** Replaces it by the same from a file that was saved anew; with other hooks in it, its state is given up. */
export function reload(name: string, component: Component, hasOtherHooks: boolean): void {
  const saved: Component = (props) => component(props);
  runtime.register(saved, name);
  if (hasOtherHooks) version += 1;
  runtime.setSignature(saved, String(version));
  runtime.performReactRefresh();
}
