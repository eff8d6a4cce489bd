import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

/** How long a change is shown while the day is played. */
const STEP_MS = 900;
/** The address follows when nobody has moved on for so long: browsers take few changes of it in a row. */
const SETTLED_MS = 300;

/** The position at which the day is shown; undefined follows the log. Kept in the address. */
export function usePosition(): [number | undefined, (position: number | undefined) => void] {
  const { at: wanted } = useSearch({ from: "/admin" });
  const navigate = useNavigate({ from: "/admin" });
  const [position, setPosition] = useState(wanted);
  const written = useRef(wanted);
  useEffect(() => {
    // By a link, or on the way back.
    if (wanted !== written.current) setPosition(wanted);
    written.current = wanted;
  }, [wanted]);
  useEffect(() => {
    if (position === written.current) return;
    const timer = setTimeout(() => {
      written.current = position;
      void navigate({
        search: ({ at: _, ...rest }) => (position === undefined ? rest : { ...rest, at: position }),
        replace: true,
        resetScroll: false,
      });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [position, navigate]);
  return [position, setPosition];
}

/** Goes on by itself, one step after the other, until it is stopped or there is none left. */
export function usePlaying(isAtEnd: boolean, step: () => void) {
  const [isPlaying, setPlaying] = useState(false);
  const latest = useRef(step);
  useEffect(() => {
    latest.current = step;
  });
  useEffect(() => {
    if (!isPlaying) return;
    if (isAtEnd) return setPlaying(false);
    const timer = setInterval(() => latest.current(), STEP_MS);
    return () => clearInterval(timer);
  }, [isPlaying, isAtEnd]);
  return { isPlaying, setPlaying };
}
