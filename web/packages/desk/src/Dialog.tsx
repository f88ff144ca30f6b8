// A window above the page that is there as long as something is asked: its first field has the keyboard, and what
// opened it has it again afterwards.
import { Modal, type ModalProps } from "antd";
import { useEffect, useRef, useState } from "react";

const FIELDS = "input:not([type=submit], [disabled]), textarea:not([disabled])";

export function Dialog({ children, ...props }: Omit<ModalProps, "open" | "afterOpenChange">) {
  const body = useRef<HTMLDivElement>(null);
  // Before anything here takes the keyboard.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // Gone with what was done, or hidden by it: then nothing takes the keyboard back.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    },
    [opener],
  );
  // Without motion the window puts the keyboard on its closing button after the first field has asked for it.
  const enter = () => {
    if (body.current && !body.current.contains(document.activeElement))
      body.current.querySelector<HTMLElement>(FIELDS)?.focus();
  };
  return (
    <Modal open {...props} afterOpenChange={(isOpen) => isOpen && setTimeout(enter)}>
      <div ref={body}>{children}</div>
    </Modal>
  );
}
