import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { usePractice } from "../../../shared/following";
import { useNow } from "../../../shared/now";
import { Closures } from "../../../staff/Closures";
import { inStaffWords } from "../../../staff/refusals";

/** When the whole practice is closed. */
export function ClosureDays() {
  const now = useNow();
  const { data, error } = usePractice();
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (data === undefined) return <Waiting />;
  return <Closures zone={data.timeZone} now={now} />;
}
