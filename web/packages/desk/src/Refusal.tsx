import { Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Alert } from "antd";

/** Say why the server said no, in words where the catalogue has them, with the code for whoever asks about it. */
export function Refusal({ error }: { error: unknown }) {
  const { code } = useSpeech();
  if (!error) return null;
  if (!(error instanceof Refused)) throw error;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={code("refusal", error.code)}
      description={
        <>
          {error.message} <code>{error.code}</code>
        </>
      }
    />
  );
}
