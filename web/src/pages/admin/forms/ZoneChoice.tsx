import styles from "../../../shared/Field.module.css";

interface ZoneChoiceProps {
  label: string;
  hint?: string;
  value: string;
  /** What the empty value means, where there may be none. */
  none?: string;
  onChange: (zone: string) => void;
}

/** One of the zones that the browser knows, by continent. */
export function ZoneChoice({ label, hint, value, none, onChange }: ZoneChoiceProps) {
  return (
    <label className={styles["field"]}>
      <span className={styles["label"]}>{label}</span>
      <select className={styles["input"]} value={value} onChange={({ target }) => onChange(target.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {continents(value).map(([continent, zones]) => (
          <optgroup key={continent} label={continent}>
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone.slice(zone.indexOf("/") + 1).replaceAll("_", " ")}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {hint && <span className={styles["hint"]}>{hint}</span>}
    </label>
  );
}

/** Zones by what stands before their first `/`; `also` is among them, for a browser may not know it. */
function continents(also: string): [string, string[]][] {
  // Older browsers do not list them: there the zone that is set can be kept.
  const known = Intl.supportedValuesOf?.("timeZone") ?? [Intl.DateTimeFormat().resolvedOptions().timeZone];
  const found = new Map<string, string[]>();
  for (const zone of [...new Set(also === "" ? known : [...known, also])].sort()) {
    const continent = zone.includes("/") ? zone.slice(0, zone.indexOf("/")) : "UTC";
    found.set(continent, [...(found.get(continent) ?? []), zone]);
  }
  return [...found];
}
