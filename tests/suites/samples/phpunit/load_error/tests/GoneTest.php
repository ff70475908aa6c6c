<?php

require "gone.php";
