/** One server-sent event. */
export interface StreamEvent {
  readonly event: string
  readonly id: string
  readonly data: string
}

/**
 * The server-sent events of an answer, until it ends. EventSource reads the same, but can
 * send neither a login nor a ticket's secret.
 */
export async function* eventsOf(answer: Response): AsyncGenerator<StreamEvent> {
  if (!answer.body) return
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (text + value.replaceAll('\r', '')).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const found = parse(block)
        if (found) yield found
      }
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}

/** A block of lines; undefined for a comment, which only keeps the conn alive. */
function parse(block: string): StreamEvent | undefined {
  const fields = { event: 'message', id: '', data: '' }
  for (const line of block.split('\n')) {
    const [, name, value] = /^(event|id|data): ?(.*)$/.exec(line) ?? []
    if (name === 'data') fields.data += (fields.data && '\n') + value
    else if (name === 'event' || name === 'id') fields[name] = value ?? ''
  }
  return fields.data ? fields : undefined
}
