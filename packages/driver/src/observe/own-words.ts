/** What Volley says by itself on stderr. Whoever read it may be gone (a closed terminal, a pipe to `head`): that must not end the user's script. */
export function say(text: string, stream: NodeJS.WritableStream = process.stderr): void {
  stream.write(text, (error) => {
    // Called before the stream tells of the error; a script that listens hears it all the same.
    if (error instanceof Error && stream.listenerCount("error") === 0) stream.once("error", ignore);
  });
}

function ignore(): void {
  // Nobody is left to be told.
}
