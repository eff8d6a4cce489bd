import { apiUrl } from "../../place";
import styles from "./Contact.module.css";
import type { Place } from "./place";

/** Whose times they are, and how to reach them. */
export function Contact({ place: { name, address, phone, hasLogo } }: { place: Place }) {
  return (
    <address className={styles["contact"]}>
      {hasLogo && <img className={styles["logo"]} src={`${apiUrl}/api/public/logo`} alt="" width="56" height="56" />}
      <div>
        <p className={styles["name"]}>{name}</p>
        {(address !== null || phone !== null) && (
          <p className={styles["reach"]}>
            {address !== null && <span>{address.replace(/\s*\n\s*/g, ", ")}</span>}
            {phone !== null && <Phone number={phone} />}
          </p>
        )}
      </div>
    </address>
  );
}

export function Phone({ number }: { number: string }) {
  return (
    <a className={styles["phone"]} href={`tel:${number.replace(/[^+\d]/g, "")}`}>
      {number}
    </a>
  );
}
