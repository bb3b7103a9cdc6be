# Says "it":
printf '%s|' "\$1" a\\b  # and ends
