import { useState } from "react";
import { atFields } from "../words/refusals";

/** What was refused of which field of a form, by its name, until somebody types in it again. */
export function useWrong() {
  const [wrong, setWrong] = useState<Record<string, string>>({});
  return {
    wrong,
    forget: () => setWrong({}),
    /** Takes a refusal, and returns what it says of which field. */
    take: (error: unknown) => {
      const fields = atFields(error);
      setWrong(fields);
      return fields;
    },
    /** At the first letter: a message that goes when the field is left would move the button from below the pointer. */
    named: (name: string) => ({
      name,
      onChange: () => name in wrong && setWrong(({ [name]: _, ...others }) => others),
    }),
  };
}
