"""Where the bytes are: a folder of companyfacts files today; the SEC's zip and the SEC itself will come behind `Source`."""

from loader.sources._entry import FileEntry, file_name
from loader.sources._folder import FolderSource
from loader.sources._read import MAX_FILE_BYTES, read, stat
from loader.sources._source import Source, locate_source, open_source

__all__ = ["MAX_FILE_BYTES", "FileEntry", "FolderSource", "Source", "file_name", "locate_source", "open_source", "read", "stat"]
