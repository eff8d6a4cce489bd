import { useQuery } from "@tanstack/react-query";
import styles from "./QrCode.module.css";

/** A text as a picture for a camera; what draws it is loaded when one is shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data: path, error } = useQuery({ queryKey: ["qr", text], queryFn: () => drawn(text), gcTime: 0 });
  // Whoever sees no picture types the text, which stands beside it.
  if (error) return null;
  return (
    <svg className={styles["code"]} viewBox={`0 0 ${path?.size ?? 1} ${path?.size ?? 1}`} role="img" aria-label={label}>
      <path d={path?.d ?? ""} shapeRendering="crispEdges" />
    </svg>
  );
}

async function drawn(text: string): Promise<{ size: number; d: string }> {
  const { encode } = await import("uqr");
  // A border of four: cameras look for it.
  const { data, size } = encode(text, { border: 4 });
  const d = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join("");
  return { size, d };
}
