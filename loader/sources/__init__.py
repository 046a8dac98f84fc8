"""Where the bytes are: a folder of companyfacts files, or the SEC's zip; the SEC itself will come behind `Source`."""

from loader.sources._entry import MAX_FILE_BYTES, FileEntry, file_name
from loader.sources._folder import FolderSource
from loader.sources._read import read, stat
from loader.sources._source import Snapshot, Source, locate_source, open_source
from loader.sources._zip import ZipSource

__all__ = [
    "MAX_FILE_BYTES",
    "FileEntry",
    "FolderSource",
    "Snapshot",
    "Source",
    "ZipSource",
    "file_name",
    "locate_source",
    "open_source",
    "read",
    "stat",
]
