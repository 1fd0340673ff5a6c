"""A workshop's zip: a chapter's exercises, lessons and offline site, and what its teacher needs for the day.

``timetable`` reckons how long the chapter takes and spreads it over sessions, ``chapter_site`` cuts the
built site down to the chapter, ``papers`` writes what the teacher reads, and ``pack`` puts it together.
"""
