import type { Appointment } from "@dental-sync/client";
import { type RefObject, useEffect, useRef } from "react";
import type { Carrying } from "./carrying";
import { type Grid, type Held, type Spot, carried, isMovable, pickUp } from "./held";
import { longest } from "./layout";

const LONG_PRESS_MS = 400;
const STILL_PX = 6;
const EDGE_PX = 40;
const SCROLL_PX = 9;

export interface Gestures {
  grid: Grid;
  canMove: boolean;
  find: (id: string) => Found | undefined;
  carrying: Carrying;
  onDrop: (held: Held) => void;
  /** An empty place was clicked. */
  onPick: (spot: Spot) => void;
}

/** An appointment, and the column in which it stands. */
export interface Found {
  appointment: Appointment;
  column: number;
}

interface Gesture {
  pointerId: number;
  /** Where it began, and where it is. */
  began: { x: number; y: number; spot: Spot };
  x: number;
  y: number;
  found: Found | undefined;
  mode: Held["mode"];
  /** A finger that goes on before the long press is over scrolls. */
  isWaiting: boolean;
  held: Held | null;
}

/**
 * Moving by mouse, pen and touch. Touch waits for a long press, so that a swipe scrolls; the handle of the chosen one's
 * end needs none.
 * Whoever carries something to an edge scrolls.
 */
export function useGestures(
  area: RefObject<HTMLElement | null>,
  scroller: RefObject<HTMLElement | null>,
  given: Gestures,
): void {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  useEffect(() => {
    if (area.current === null || scroller.current === null) return;
    return watch(area.current, scroller.current, () => latest.current);
  }, [area, scroller]);
}

function watch(area: HTMLElement, scroller: HTMLElement, given: () => Gestures): () => void {
  let now: Gesture | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let scrolling = 0;
  // Where the area and what scrolls it are in the window: asked for once, and again when something has scrolled.
  let place: { area: DOMRect; scroller: DOMRect } | null = null;

  function placed(): { area: DOMRect; scroller: DOMRect } {
    place ??= { area: area.getBoundingClientRect(), scroller: scroller.getBoundingClientRect() };
    return place;
  }

  function forget(): void {
    place = null;
  }

  function spotAt(x: number, y: number): Spot {
    const { columns } = given().grid;
    const { left, top, width, height } = placed().area;
    const column = Math.min(Math.max(Math.floor(((x - left) / width) * columns.length), 0), columns.length - 1);
    return { column, time: (columns[column]?.frame.from ?? 0) + ((y - top) / height) * longest(columns) };
  }

  function hold(): void {
    if (now?.found === undefined) return;
    now.held = pickUp(now.found.appointment, now.found.column, now.mode, "pointer");
    given().carrying.set(now.held);
  }

  function carry(): void {
    if (now?.held == null) return;
    const { began, held } = now;
    const from = Date.parse(held.appointment.startsAt);
    const next = carried(held, spotAt(now.x, now.y), began.spot.time - from, given().grid);
    if (next.from === held.from && next.to === held.to && next.column === held.column) return;
    now.held = next;
    given().carrying.set(next);
  }

  /** How far to scroll in a frame for what is carried to an edge. */
  function pull(): { top: number; left: number } {
    const { top, bottom, left, right } = placed().scroller;
    const toward = (at: number, low: number, high: number) =>
      at < low + EDGE_PX ? -SCROLL_PX : at > high - EDGE_PX ? SCROLL_PX : 0;
    return { top: toward(now?.y ?? 0, top, bottom), left: toward(now?.x ?? 0, left, right) };
  }

  /** Scrolls frame by frame as long as it pulls. */
  function scroll(): void {
    scrolling = 0;
    if (now?.held == null) return;
    const { top, left } = pull();
    if (top === 0 && left === 0) return;
    scroller.scrollBy({ top, left, behavior: "instant" });
    forget();
    carry();
    scrolling = requestAnimationFrame(scroll);
  }

  function end(): void {
    clearTimeout(timer);
    cancelAnimationFrame(scrolling);
    scrolling = 0;
    now = null;
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", escape, true);
    window.removeEventListener("scroll", forget, true);
    window.removeEventListener("resize", forget);
  }

  function begin(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0 || now !== null) return;
    const target = event.target as Element;
    if (target.closest("[data-slot]") !== null) return;
    const id = target.closest<HTMLElement>("[data-appointment-id]")?.dataset["appointmentId"];
    const found = id === undefined ? undefined : given().find(id);
    if (id !== undefined && (found === undefined || !given().canMove || !isMovable(found.appointment))) return;
    const isHandle = target.closest("[data-handle]") !== null;
    const isWaiting = event.pointerType === "touch" && !(isHandle && target.closest("[aria-pressed=true]") !== null);
    const { clientX: x, clientY: y, pointerId } = event;
    forget();
    now = {
      pointerId,
      began: { x, y, spot: spotAt(x, y) },
      x,
      y,
      found,
      mode: isHandle ? "resize" : "move",
      isWaiting,
      held: null,
    };
    if (isWaiting && found !== undefined) timer = setTimeout(hold, LONG_PRESS_MS);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", escape, true);
    window.addEventListener("scroll", forget, true);
    window.addEventListener("resize", forget);
  }

  function move(event: PointerEvent): void {
    if (now === null || event.pointerId !== now.pointerId) return;
    [now.x, now.y] = [event.clientX, event.clientY];
    if (now.held === null) {
      if (Math.hypot(now.x - now.began.x, now.y - now.began.y) < STILL_PX) return;
      if (now.found === undefined || now.isWaiting) return end();
      hold();
    }
    carry();
    if (scrolling === 0) scroll();
  }

  function drop(event: PointerEvent): void {
    if (now === null || event.pointerId !== now.pointerId) return;
    const { held, found, began } = now;
    end();
    if (held !== null) {
      // The click that follows is none.
      window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, true));
      given().onDrop(held);
    } else if (found === undefined) given().onPick(began.spot);
  }

  function cancel(): void {
    const wasHeld = now?.held != null;
    end();
    if (wasHeld) given().carrying.set(null);
  }

  function escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || now?.held == null) return;
    event.stopPropagation();
    cancel();
  }

  const keepStill = (event: Event): void => {
    if (now?.held != null && event.cancelable) event.preventDefault();
  };
  area.addEventListener("pointerdown", begin);
  // Not passive: while something is carried by touch nothing else scrolls, and no menu opens at a long press.
  area.addEventListener("touchmove", keepStill, { passive: false });
  area.addEventListener("contextmenu", keepStill);
  return () => {
    end();
    area.removeEventListener("pointerdown", begin);
    area.removeEventListener("touchmove", keepStill);
    area.removeEventListener("contextmenu", keepStill);
  };
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}
