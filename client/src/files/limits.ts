// What a message may carry, as the server has it too.

export const MOST_FILES = 10
export const MOST_FILE_BYTES = 50 * 1024 * 1024
